"""Indicators by TA-Lib and pandas on 252 bars made by a formula: writes
test/lib/indicators/talib-252.csv.

bench/peers/setup.sh indicators bench/peers/venv/bin/python bench/peers/indicators.py >
test/lib/indicators/talib-252.csv

The bars are whole numbers over 1000, so that every language makes the same ones. `indicators.py
time FILE` prints instead, as NDJSON, how long each program takes for the bars of a CSV file
(open, high, low, close, volume).
"""

import json
import sys
import time
import numpy as np
import pandas as pd
import talib

N = 252


def bars():
    """Linear congruential generator of Numerical Recipes; one bar from six draws."""
    state, close, rows = 20260101, 100_000, []

    def draw(n):
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return (state >> 16) % n

    for _ in range(N):
        open_ = max(20_000, close + draw(1001) - 500)
        close = max(20_000, open_ + draw(6001) - 3000)
        high = max(open_, close) + draw(2000)
        low = min(open_, close) - draw(2000)
        # Every seventh bar or so repeats the price, every eleventh has no volume: ties and zeros
        # are where programs differ.
        if draw(7) == 0:
            open_ = high = low = close
        rows.append((open_, high, low, close, 1000 * draw(11) * (1 + draw(5000))))
    return np.array(rows, dtype=np.float64) / 1000


def columns(o, h, l, c, v):
    macd = talib.MACD(c, 12, 26, 9)
    bands = talib.BBANDS(c, 20, 2, 2, 0)
    stoch = talib.STOCH(h, l, c, 5, 3, 0, 3, 0)
    close, volume = pd.Series(c), pd.Series(v)
    seeded = close.copy()
    seeded[:13] = np.nan
    seeded[13] = close[:14].mean()
    return {
        "SMA10": talib.SMA(c, 10),
        "EMA10": talib.EMA(c, 10),
        "RSI14": talib.RSI(c, 14),
        "MACD": macd[0],
        "MACD_signal": macd[1],
        "MACD_histogram": macd[2],
        "BBANDS_upper": bands[0],
        "BBANDS_middle": bands[1],
        "BBANDS_lower": bands[2],
        "TRANGE": talib.TRANGE(h, l, c),
        "ATR14": talib.ATR(h, l, c, 14),
        "STDDEV20": talib.STDDEV(c, 20, 1),
        "ROC10": talib.ROC(c, 10),
        "STOCH_k": stoch[0],
        "STOCH_d": stoch[1],
        "WILLR14": talib.WILLR(h, l, c, 14),
        "OBV": talib.OBV(c, v),
        "MFI14": talib.MFI(h, l, c, v, 14),
        "pandas_wilder14": seeded.ewm(alpha=1 / 14, adjust=False).mean(),
        "pandas_sigma20_sample": close.rolling(20).std(ddof=1),
        "pandas_parkinson20": np.sqrt(
            (np.log(pd.Series(h / l)) ** 2).rolling(20).mean() / (4 * np.log(2))
        ),
        "pandas_vpt": (close.pct_change() * volume).cumsum(),
        "pandas_ewma94": close.ewm(alpha=0.06, adjust=False).mean(),
    }


def edges(o, h, l, c, v):
    """What TA-Lib answers where we differ on purpose: the last value each."""
    flat = np.full(30, 2.0)
    return {
        "RSI14_flat": talib.RSI(flat, 14)[-1],
        "RSI14_price_1e-17": talib.RSI(c * 1e-17, 14)[-1],
        "MFI14_flat": talib.MFI(flat, flat, flat, flat, 14)[-1],
        "MFI14_volume_1e-12": talib.MFI(h, l, c, v * 1e-12, 14)[-1],
        "STOCH_flat": talib.STOCH(flat, flat, flat, 5, 3, 0, 3, 0)[0][-1],
        "WILLR14_flat": talib.WILLR(flat, flat, flat, 14)[-1],
    }


def timed(program, what, bars_, run):
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    print(
        json.dumps({"program": program, "what": what, "bars": bars_, "us": seconds / bars_ * 1e6})
    )


def last_bar_by_bar(series, window=300):
    """Streaming as TA-Lib's users do it: all functions again over a window for each new bar."""
    for end in range(window, window + 300):
        columns(*(column[end - window : end] for column in series))


def river_by_bar(closes):
    from river import stats, utils

    kept = [utils.Rolling(stats.Mean(), 20), utils.Rolling(stats.Var(), 20), stats.EWMean(0.06)]
    for close in closes:
        for each in kept:
            each.update(close)
            each.get()


def time_all(path):
    import river

    series = np.loadtxt(path, delimiter=",").T.copy()
    n = series.shape[1]
    peers = f"TA-Lib {talib.__version__} and pandas {pd.__version__}"
    timed(peers, "the same 25 outputs, the whole series at once", n, lambda: columns(*series))
    timed(
        peers,
        "the same 25 outputs, again over the last 300 bars for each new bar",
        300,
        lambda: last_bar_by_bar(series),
    )
    timed(
        f"river {river.__version__}",
        "mean, variance and exponential mean of closes, bar by bar",
        n,
        lambda: river_by_bar(series[3].tolist()),
    )


def text(x):
    return "" if np.isnan(x) else repr(float(f"{x:.13g}"))


def write_vectors():
    series = bars().T
    table = columns(*series)
    print(
        f"# TA-Lib {talib.__version__} (C library {talib.__ta_version__.decode().split()[0]}), "
        f"pandas {pd.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}"
    )
    print("bar," + ",".join(table))
    for i in range(N):
        print(f"{i}," + ",".join(text(column[i]) for column in map(np.asarray, table.values())))
    for name, value in edges(*series).items():
        print(f"edge {name},{text(value)}")


if __name__ == "__main__":
    time_all(sys.argv[2]) if sys.argv[1:2] == ["time"] else write_vectors()
