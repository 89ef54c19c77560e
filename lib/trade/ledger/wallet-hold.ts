import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { TemporaryError } from '../../base/errors.ts'
import type { Hold } from '../../store/hold.ts'
import { realDisk } from '../../store/machine-disk.ts'

/**
 * Holds a wallet for this process: two homes with one key would each spend what the other counts
 * on. The lock is of a file in the user’s own state folder (XDG_STATE_HOME, else ~/.local/state),
 * which all homes of a user on a machine share; another machine is not seen from here.
 * TemporaryError when another process has the wallet, or nobody can tell.
 */
export function holdWallet(
  wallet: string,
  env: NodeJS.ProcessEnv = process.env,
  disk = realDisk,
): Hold {
  const path = join(stateFolder(env), 'sluice', 'wallets', `${wallet}.lock`)
  let fd: number
  try {
    disk.makeFolder(join(path, '..'), 0o700)
    fd = disk.open(path, 'a', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new TemporaryError(`${path}: ${code}; one wallet needs one lock (set XDG_STATE_HOME)`)
  }
  try {
    const hold = disk.hold(fd, path)
    return {
      release() {
        hold.release()
        disk.close(fd)
      },
    }
  } catch (error) {
    disk.close(fd)
    throw error
  }
}

/** A relative XDG_STATE_HOME is passed over, as the XDG base directory specification asks. */
const stateFolder = ({ XDG_STATE_HOME: state = '' }: NodeJS.ProcessEnv): string =>
  isAbsolute(state) ? state : join(homedir(), '.local', 'state')
