import type { FailedTransactionMetadata } from 'litesvm'

/**
 * Errors without fields in the order of Solana's TransactionError and InstructionError (litesvm
 * gives numbers).
 */
const TRANSACTION =
  `AccountInUse AccountLoadedTwice AccountNotFound ProgramAccountNotFound InsufficientFundsForFee
  InvalidAccountForFee AlreadyProcessed BlockhashNotFound CallChainTooDeep
  MissingSignatureForFee InvalidAccountIndex SignatureFailure InvalidProgramForExecution
  SanitizeFailure ClusterMaintenance AccountBorrowOutstanding WouldExceedMaxBlockCostLimit
  UnsupportedVersion InvalidWritableAccount WouldExceedMaxAccountCostLimit
  WouldExceedAccountDataBlockLimit TooManyAccountLocks AddressLookupTableNotFound
  InvalidAddressLookupTableOwner InvalidAddressLookupTableData InvalidAddressLookupTableIndex
  InvalidRentPayingAccount WouldExceedMaxVoteCostLimit WouldExceedAccountDataTotalLimit
  MaxLoadedAccountsDataSizeExceeded ResanitizationNeeded InvalidLoadedAccountsDataSizeLimit
  UnbalancedTransaction ProgramCacheHitMaxLimit CommitCancelled`.split(/\s+/)
const INSTRUCTION =
  `GenericError InvalidArgument InvalidInstructionData InvalidAccountData AccountDataTooSmall
  InsufficientFunds IncorrectProgramId MissingRequiredSignature AccountAlreadyInitialized
  UninitializedAccount UnbalancedInstruction ModifiedProgramId ExternalAccountLamportSpend
  ExternalAccountDataModified ReadonlyLamportChange ReadonlyDataModified DuplicateAccountIndex
  ExecutableModified RentEpochModified NotEnoughAccountKeys AccountDataSizeChanged
  AccountNotExecutable AccountBorrowFailed AccountBorrowOutstanding DuplicateAccountOutOfSync
  InvalidError ExecutableDataModified ExecutableLamportChange ExecutableAccountNotRentExempt
  UnsupportedProgramId CallDepth MissingAccount ReentrancyNotAllowed MaxSeedLengthExceeded
  InvalidSeeds InvalidRealloc ComputationalBudgetExceeded PrivilegeEscalation
  ProgramEnvironmentSetupFailure ProgramFailedToComplete ProgramFailedToCompile Immutable
  IncorrectAuthority AccountNotRentExempt InvalidAccountOwner ArithmeticOverflow
  UnsupportedSysvar IllegalOwner`.split(/\s+/)

/**
 * An error of a transaction as JSON-RPC has it: a name, or an object with the instruction and its
 * code.
 */
export type TransactionError =
  | string
  | { InstructionError: [number, string | { Custom: number }] }
  | object

/** The error of a transaction that failed on the machine, in the words of JSON-RPC. */
export function errorOf(failed: FailedTransactionMetadata): TransactionError {
  const error = failed.err() as
    | number
    | { index?: number; err?: () => number | { code: number }; accountIndex?: number }
  if (typeof error === 'number') return TRANSACTION[error] ?? `unknown ${error}`
  if (error.err !== undefined && error.index !== undefined) {
    const inner = error.err()
    return {
      InstructionError: [
        error.index,
        typeof inner === 'number'
          ? (INSTRUCTION[inner] ?? `unknown ${inner}`)
          : { Custom: inner.code },
      ],
    }
  }
  if (error.accountIndex !== undefined)
    return { InsufficientFundsForRent: { account_index: error.accountIndex } }
  return String(failed)
}
