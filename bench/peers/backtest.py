"""The rule of `strategy --use dca` in other programs: buy below the exponential mean of 48
closes, leave at +25 %, -15 % or after 4 hours. Reading the table and compiling are not
counted; backtesting.py runs the first token only.
"""

import json
import sys
import time
import warnings

import pandas as pd

warnings.filterwarnings("ignore")
peer, path = sys.argv[1:3]
table = pd.read_parquet(path)
table["timestamp"] = pd.to_datetime(table["timestamp"], unit="ms")
BARS = 48


def tell(what, candles, seconds, **more):
    print(
        json.dumps(
            {
                "what": what,
                "candles": candles,
                "seconds": round(seconds, 2),
                "candlesPerSecond": round(candles / seconds),
                **more,
            }
        )
    )


if peer == "backtesting":
    import backtesting
    from backtesting import Backtest, Strategy

    one = table[table.symbol == table.symbol.iloc[0]].set_index("timestamp")
    one = one.rename(columns=str.capitalize)[["Open", "High", "Low", "Close", "Volume"]]

    class Below(Strategy):
        def init(self):
            self.mean = self.I(
                lambda close: pd.Series(close).ewm(span=BARS, adjust=False).mean(), self.data.Close
            )

        def next(self):
            price = self.data.Close[-1]
            if self.position:
                if len(self.data) - self.trades[0].entry_bar >= BARS:
                    self.position.close()
            elif price < self.mean[-1]:
                self.buy(size=0.05, sl=price * 0.85, tp=price * 1.25)

    test = Backtest(one, Below, cash=1_000_000, commission=0.003)
    start = time.perf_counter()
    stats = test.run()
    tell(
        f"backtesting.py {backtesting.__version__}, one token",
        len(one),
        time.perf_counter() - start,
        trades=int(stats["# Trades"]),
    )
else:
    import vectorbt as vbt

    close = table.pivot(index="timestamp", columns="symbol", values="close")

    def run():
        mean = close.ewm(span=BARS, adjust=False).mean()
        return vbt.Portfolio.from_signals(
            close,
            close < mean,
            close > mean * 1.25,
            sl_stop=0.15,
            tp_stop=0.25,
            fees=0.003,
            size=1.0,
            init_cash=1_000_000,
            freq="5min",
        )

    run()
    start = time.perf_counter()
    portfolio = run()
    count = int(portfolio.trades.count().sum())
    tell(
        f"vectorbt {vbt.__version__}, no time stop",
        close.size,
        time.perf_counter() - start,
        trades=count,
    )
