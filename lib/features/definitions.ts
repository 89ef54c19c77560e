/**
 * Every feature of every set, in vector order: name@version | unit | lines until it is known | read
 * from | definition. Changing a definition means a new version: models trained on the old one are
 * then refused by their hash. A feature whose input is unknown is absent (NaN in tensors) unless
 * its definition says otherwise.
 */
export const DEFINITIONS = {
  sequence: `
open@1 | price | 50 candles | candle.open | column 0 of 100 rows: first price of the bar, unscaled
high@1 | price | 50 candles | candle.high | column 1: highest price
low@1 | price | 50 candles | candle.low | column 2: lowest price
close@1 | price | 50 candles | candle.close | column 3: last price
volume@1 | tokens | 50 candles | candle.volume | column 4: whole tokens traded; 0 in rows added at the front
liquidity@1 | USD | 1 market | market.liquidityUsd | context: value of both reserves, last seen
marketCap@1 | USD | 1 market | market.marketCapUsd | context: price times supply, last seen
holders@1 | count | 1 token | token.holderCount | context: holders, last seen
ageHours@1 | hours | 1 token | token.createdAt, market.openAt | context: time since creation, else since the pool opened
volume24h@1 | USD | 1 market | market.volumeUsd.h24 | context: value traded in 24 hours, last seen
rsi14@1 | 0–100 | 15 candles | candle.close | relative strength: 100·gain/(gain + loss) of Wilder means over 14 closes; 50 when nothing moved
macd@1 | price | 26 candles | candle.close | EMA12 − EMA26 of closes, both started at candle 26
macdSignal@1 | price | 34 candles | candle.close | EMA9 of macd
macdHistogram@1 | price | 34 candles | candle.close | macd − macdSignal
ema12@1 | price | 12 candles | candle.close | exponential mean of closes, k = 2/13, seeded with the mean of the first 12
ema26@1 | price | 26 candles | candle.close | exponential mean of closes, k = 2/27, seeded with the mean of the first 26
bbWidth@1 | fraction | 20 candles | candle.close | (upper − lower)/middle of the bands at 2 population σ over 20 closes
atr14@1 | price | 15 candles | candle | Wilder mean of 14 true ranges
volatility20@1 | fraction | 21 candles | candle.close | sample σ of the last 20 log returns, per bar
parkinson20@1 | fraction | 20 candles | candle.high, candle.low | sqrt(Σ ln(high/low)² / (4·20·ln 2)), per bar
roc10@1 | percent | 11 candles | candle.close | 100·(close / close 10 bars ago − 1)
stochK@1 | 0–100 | 7 candles | candle | mean of 3 of 100·(close − lowest low)/(highest high − lowest low) over 5 bars
stochD@1 | 0–100 | 9 candles | candle | mean of 3 of stochK
williamsR14@1 | −100–0 | 14 candles | candle | −100·(highest high − close)/(highest high − lowest low) over 14 bars
obv@1 | tokens | 1 candle | candle.close, candle.volume | running volume signed by the change of the close since the first bar seen
vpt@1 | tokens | 2 candles | candle.close, candle.volume | running sum of volume · return of the close since the first bar seen
mfi14@1 | 0–100 | 15 candles | candle | money flow: 100·P/(P + N) of typical price · volume over 14 bars; 50 without signed flow
spread@1 | fraction | 1 market | market.feeBps | twice the pool fee: what a round trip pays before impact
tradeSize@1 | currency | 1 candle | candle.volume, candle.trades | mean value of a trade of the bar: volume · typical price / trades
trades@1 | count | 1 candle | candle.trades | trades of the bar`,
  price: `
closeReturn@1 | fraction | 2 candles | candle.close | column 0 of 60 rows: close / last close − 1
range@1 | fraction | 1 candle | candle | column 1: (high − low)/close
volumeRatio@1 | ratio | 20 candles | candle.volume | column 2: volume / mean volume of the last 20 bars
rsi14@1 | 0–1 | 15 candles | candle.close | column 3: relative strength of 14 closes / 100
macdHistogram@1 | fraction | 34 candles | candle.close | column 4: MACD(12,26,9) histogram / close
bbWidth@1 | fraction | 20 candles | candle.close | column 5: width of the bands at 2 σ over 20 closes
atr14@1 | fraction | 15 candles | candle | column 6: average true range of 14 bars / close
roc5@1 | fraction | 6 candles | candle.close | column 7: close / close 5 bars ago − 1
hourSin@1 | −1–1 | 1 candle | ts | column 8: sine of the UTC time of day of the close
hourCos@1 | −1–1 | 1 candle | ts | column 9: cosine of it`,
  volatility: `
return@1 | fraction | 2 candles | candle.close | ln(close / last close)
ewmaSigma@1 | fraction | 2 candles | candle.close | square root of the exponentially weighted mean of squared log returns, λ = 0.94
garchSigma@1 | fraction | 2 candles | candle.close | square root of the GARCH(1,1) variance of the next bar, by the parameters of a model; absent without them`,
  tabular: `
liquidityUsd@1 | USD | 1 market | market.liquidityUsd | value of both reserves
riskScore@1 | 0–100 | 1 token | token, market | sum of points: mint authority kept 25, freeze authority kept 15, LP not burned 20·(1 − share), top ten holders 20·(share − 0.1)/0.5 within 0–20, liquidity below 5,000 USD 10, fewer than 100 holders 5, younger than an hour 5; what is unknown counts half its points
holderCount@1 | count | 1 token | token.holderCount | holders
top10Percent@1 | percent | 1 token | token.top10Share | supply held by the ten largest holders, pools excluded
mintRevoked@1 | 0/1 | 1 token | token.mintRevoked | nobody can mint more
freezeRevoked@1 | 0/1 | 1 token | token.freezeRevoked | nobody can freeze accounts
lpBurnedPercent@1 | percent | 1 token | token.lpBurnedShare | liquidity tokens burned or locked
hasSocials@1 | 0/1 | 1 token | token.hasSocials | links to a site or social account
tokenAgeHours@1 | hours | 1 token | token.createdAt, market.openAt | time since creation, else since the pool opened
priceChange5m@1 | fraction | 5 min | market.priceChange.m5, prices | reported, else price now / price 5 minutes ago − 1
priceChange1h@1 | fraction | 1 h | market.priceChange.h1, prices | the same over an hour
priceChange24h@1 | fraction | 24 h | market.priceChange.h24, prices | the same over a day (own prices to a quarter of an hour)
volumeChange1h@1 | fraction | 1–2 h | market.volumeUsd.h1, trades | volume of the last hour / volume of the hour before − 1
volumeChange24h@1 | fraction | 24–48 h | market.volumeUsd.h24, trades | the same over a day
buyPressure1h@1 | 0–1 | 1 market or 1 h | market.buys.h1, market.sells.h1, trades | share of buys among the trades of the last hour
smartMoneyNetBuys@1 | count | 1 trade | trade.wallet, --smart-wallets, --smart-ranking | buys minus sells of listed or ranked wallets in the last 24 hours; absent without a list or ranking
smartMoneyHolding@1 | count | 1 trade | trade.wallet, --smart-wallets, --smart-ranking | listed or ranked wallets that bought more than they sold since first seen; absent without a list or ranking
isSmartMoneyBullish@1 | 0/1 | 1 trade | trade.wallet, --smart-wallets, --smart-ranking | net buys and holdings are both positive; absent without a list or ranking
priceVelocity@1 | fraction per minute | 5 min | market.priceChange.m5, prices | priceChange5m / 5
volumeAcceleration@1 | fraction | 5–10 min | market.volumeUsd.m5, trades | volume of the last 5 minutes / volume of the 5 before − 1
liquidityTrend@1 | fraction | 1 h | market.liquidityUsd | liquidity now / liquidity an hour ago − 1
holderTrend@1 | fraction | 1 h | token.holderCount | holders now / holders an hour ago − 1
hasVolumeSpike@1 | 0/1 | 1 market or 1 h | market.volumeUsd, trades | volume of the last 5 minutes above 3 times the hour’s mean of 5 minutes
isPumping@1 | 0/1 | 5 min | market.priceChange.m5, prices | priceChange5m ≥ +0.10
isDumping@1 | 0/1 | 5 min | market.priceChange.m5, prices | priceChange5m ≤ −0.10
sentimentScore@1 | −1–1 | 1 token | token.name, token.description, score.sentiment | an outside score, else (positive − negative)/(positive + negative) words of the lexicon; absent without any
sentimentConfidence@1 | 0–1 | 1 token | token.name, token.description, score.sentiment | 1 for an outside score, else hits/(hits + 3); absent without any
hasSentimentData@1 | 0/1 | 1 token | token.name, token.description, score.sentiment | there is text, or an outside score`,
  pool: `
priceChange1@1 | fraction | 2 snapshots | market.priceSol, market.priceUsd | price / price of the snapshot before − 1
priceChange3@1 | fraction | 4 snapshots | market.priceSol, market.priceUsd | price / price 3 snapshots ago − 1
priceChange10@1 | fraction | 11 snapshots | market.priceSol, market.priceUsd | price / price 10 snapshots ago − 1
consecutiveGains@1 | count | 2 snapshots | market.priceSol, market.priceUsd | snapshots in a row, this one included, with a price above the one before; at most 99
kConstant@1 | base units² | 1 snapshot | market.baseAmount, market.quoteAmount | token reserve · quote reserve
liquidityChange@1 | fraction | 2 snapshots | market.quoteAmount, market.liquidityUsd | quote reserve / quote reserve of the snapshot before − 1
reserveRatio@1 | ratio | 1 snapshot | market.baseAmount, market.quoteAmount | token reserve / quote reserve, in base units
volumeSpike@1 | fraction | 5 snapshots | market.volumeUsd.h24 | 24-hour volume / volumeMa5 − 1
volumeMa5@1 | USD | 5 snapshots | market.volumeUsd.h24 | mean of the 24-hour volume over the last 5 snapshots
massiveDump@1 | 0/1 | 2 snapshots | market.priceSol, market.priceUsd | price is 50 % or more below its highest of the last 100 snapshots
reserveDrain@1 | 0/1 | 2 snapshots | market.quoteAmount, market.liquidityUsd | quote reserve is 30 % or more below its highest of the last 100 snapshots
poolAgeMinutes@1 | minutes | 1 snapshot | market.openAt | time since the pool opened
priceAcceleration@1 | fraction | 3 snapshots | market.priceSol, market.priceUsd | priceChange1 − priceChange1 of the snapshot before
volumeAcceleration@1 | fraction | 3 snapshots | market.volumeUsd.h24 | relative change of the 24-hour volume − that of the snapshot before`,
  opportunity: `
momentum5s@1 | fraction | 5 s | market, trade prices | price now / price 5 seconds ago − 1
momentum15s@1 | fraction | 15 s | market, trade prices | the same over 15 seconds
momentum30s@1 | fraction | 30 s | market, trade prices | the same over 30 seconds
momentum1m@1 | fraction | 60 s | market, trade prices | the same over a minute
momentum5m@1 | fraction | 300 s | market, trade prices | the same over 5 minutes
volumeMa@1 | SOL per minute | 300 s | trade | mean value traded per minute over the last 5 minutes
volumeRatio@1 | ratio | 300 s | trade | value traded in the last minute / volumeMa
vwapDistance@1 | fraction | 300 s | trade | price / volume-weighted price of the last 5 minutes − 1
depthUsd@1 | USD | 1 line | opportunity.depthUsd | value within one percent of the price
depthRatio@1 | ratio | 2 lines | opportunity.depthUsd | depth / mean depth of up to 20 paths before this one
spread@1 | fraction | 1 line | opportunity.spread | gross result over what is put in
feeTrend@1 | fraction | 2 lines | opportunity.feeLamports | network fees / their mean over up to 20 paths before this one − 1
volatility@1 | fraction | 60 s | market, trade prices | σ of log returns over 10 seconds within the last 5 minutes, at least 6 of them
legs@1 | count | 1 line | opportunity.path | swaps of the path
hourSin@1 | −1–1 | 1 line | ts | sine of the UTC time of day
hourCos@1 | −1–1 | 1 line | ts | cosine of it`,
  whales: `
isWhale@1 | 0/1 | 1 trade | trade, --whale, --whale-usd, --whale-share | this trade is at least --whale SOL, --whale-usd against other quotes, or --whale-share of its pool; absent on market lines
tradeShare@1 | fraction | 1 trade | trade.quoteAmount, trade.quoteReserveAmount, market.liquidityUsd | quote of this trade / quote reserve of its pool before it, else its value / liquidity last reported
whaleBuys1h@1 | count | 1 trade | trade | buys of whales in the last hour (since first seen, when that is less)
whaleSells1h@1 | count | 1 trade | trade | sells of whales in the last hour (the same)
minutesSinceWhale@1 | minutes | 1 whale | trade | time since the last trade of a whale, this one included; absent before the first`,
  regime: `
pools@1 | count | 1 snapshot | all pools | pools with a regime in the last hour
rugDumpShare@1 | fraction | 1 snapshot | all pools | share of them that are rug-dump
moonMissionShare@1 | fraction | 1 snapshot | all pools | share that are moon-mission
steadyClimbShare@1 | fraction | 1 snapshot | all pools | share that are steady-climb
sidewaysChopShare@1 | fraction | 1 snapshot | all pools | share that are sideways-chop`,
} as const
