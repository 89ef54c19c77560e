import { createHash } from 'node:crypto'
import type { Dex } from './programs.ts'

/**
 * Events that programs are known to tell and that make no line, by the names of their published
 * interfaces (pump-fun/pump-public-docs of May 2026, MeteoraAg dlmm 0.12, cp-amm 0.2 and dynamic
 * bonding curve 0.1.10, raydium-io cp-swap and clmm, orca-so whirlpools). Any other is strange:
 * a program has learned something that nobody reads.
 */
const NAMES: Partial<Record<Dex, string>> = {
  'pump.fun':
    'AdminSetCreatorEvent AdminSetIdlAuthorityEvent AdminUpdateTokenIncentivesEvent ' +
    'ClaimCashbackEvent ClaimTokenIncentivesEvent CloseUserVolumeAccumulatorEvent ' +
    'CollectCreatorFeeEvent DistributeCreatorFeesEvent ExtendAccountEvent ' +
    'InitUserVolumeAccumulatorEvent MigrateBondingCurveCreatorEvent MinimumDistributableFeeEvent ' +
    'ReservedFeeRecipientsEvent SetCreatorEvent SetMetaplexCreatorEvent SetParamsEvent ' +
    'SyncUserVolumeAccumulatorEvent UpdateGlobalAuthorityEvent UpdateMayhemVirtualParamsEvent',
  pumpswap:
    'AdminSetCoinCreatorEvent AdminUpdateTokenIncentivesEvent ClaimCashbackEvent ' +
    'ClaimTokenIncentivesEvent CloseUserVolumeAccumulatorEvent CollectCoinCreatorFeeEvent ' +
    'CreateConfigEvent DepositEvent DisableEvent ExtendAccountEvent ' +
    'InitUserVolumeAccumulatorEvent MigratePoolCoinCreatorEvent ReservedFeeRecipientsEvent ' +
    'SetBondingCurveCoinCreatorEvent SetMetaplexCoinCreatorEvent SyncUserVolumeAccumulatorEvent ' +
    'UpdateAdminEvent UpdateFeeConfigEvent WithdrawEvent',
  'raydium-cpmm': 'LpChangeEvent',
  'raydium-clmm':
    'CollectPersonalFeeEvent CollectProtocolFeeEvent ConfigChangeEvent ' +
    'CreatePersonalPositionEvent DecreaseLiquidityEvent IncreaseLiquidityEvent ' +
    'LiquidityCalculateEvent LiquidityChangeEvent UpdateRewardInfosEvent',
  launchlab: 'ClaimVestedEvent CreateVestingEvent',
  'meteora-dlmm':
    'AddLiquidity CancelLimitOrderEvt ClaimFee ClaimFee2 ClaimReward ClaimReward2 ' +
    'CloseLimitOrderEvt CompositionFee DecreasePositionLength DynamicFeeParameterUpdate ' +
    'FeeParameterUpdate FundReward GoToABin IncreaseObservation IncreasePositionLength ' +
    'InitializeReward PlaceLimitOrderEvt PositionClose PositionCreate Rebalancing ' +
    'RemoveLiquidity SetPositionPermissionlessOperationBitsEvt UpdatePositionLockReleasePoint ' +
    'UpdatePositionOperator UpdateRewardDuration UpdateRewardFunder WithdrawIneligibleReward',
  'meteora-damm2':
    'EvtAddLiquidity EvtClaimPartnerFee EvtClaimPositionFee EvtClaimProtocolFee EvtClaimReward ' +
    'EvtCloseConfig EvtClosePosition EvtCreateConfig EvtCreateDynamicConfig EvtCreatePosition ' +
    'EvtCreateTokenBadge EvtFundReward EvtInitializeReward EvtLiquidityChange EvtLockPosition ' +
    'EvtPermanentLockPosition EvtRemoveLiquidity EvtSetPoolStatus EvtSplitPosition2 ' +
    'EvtSplitPosition3 EvtSwap EvtUpdatePoolFees EvtUpdateRewardDuration EvtUpdateRewardFunder ' +
    'EvtWithdrawIneligibleReward',
  'meteora-dbc':
    'EvtClaimCreatorTradingFee EvtClaimPoolCreationFee EvtClaimProtocolFee ' +
    'EvtClaimProtocolLiquidityMigrationFee EvtClaimTradingFee EvtCloseClaimFeeOperator ' +
    'EvtCreateClaimFeeOperator EvtCreateConfig EvtCreateConfigV2 ' +
    'EvtCreateMeteoraMigrationMetadata EvtCreatorWithdrawSurplus EvtCurveComplete ' +
    'EvtPartnerClaimPoolCreationFee EvtPartnerMetadata EvtPartnerWithdrawMigrationFee ' +
    'EvtPartnerWithdrawSurplus EvtSwap EvtUpdatePoolCreator EvtVirtualPoolMetadata ' +
    'EvtWithdrawLeftover EvtWithdrawMigrationFee',
  orca:
    'LiquidityDecreased LiquidityIncreased LiquidityRepositioned LimitOrderPlaced ' +
    'PositionOpened',
}

/** First 8 bytes of sha256("event:" + name), hex, as anchor marks events. */
const mark = (name: string): string =>
  createHash('sha256').update(`event:${name}`).digest('hex').slice(0, 16)

const KNOWN = new Map(
  Object.entries(NAMES).map(([dex, names]) => [dex, new Set(names.split(' ').map(mark))]),
)

/** True of an event that this program is known to tell and that means nothing to us. */
export const isPassedOver = (dex: Dex, discriminator: string): boolean =>
  KNOWN.get(dex)?.has(discriminator) === true
