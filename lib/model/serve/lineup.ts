import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, UsageError } from '../../base/errors.ts'
import { type Alias, type Entry, readAliases } from '../registry.ts'
import type { Scorer, Scoring } from './scoring.ts'

/** A place in the line-up: one version of one model at a time. */
export interface Slot {
  entry: Entry
  part: Scorer['part']
  /** The alias that it follows; undefined for a pinned version. */
  alias: Alias | undefined
  version: string
  /** It is empty while nothing has the alias. */
  isOptional: boolean
}

interface LineupOptions {
  open(entry: Entry, version: string, part: Scorer['part']): Promise<Scoring>
  /** Versions stay what they are at the start. */
  isPinned: boolean
  /** Told of a change that was not taken. */
  refused(model: string, text: string): void
  swapped(model: string): void
  /**
   * Slots as they would be chosen now: models that came, or whose folder at home now hides a
   * shipped one.
   */
  slots(): readonly Slot[]
  /** Monotonic milliseconds. */
  now(): number
}

/** The models in use, following aliases.json while lines flow. */
export interface Lineup {
  /**
   * The models for the coming batch. Called between batches only: what it replaces is idle and
   * released.
   */
  current(): Promise<readonly Scoring[]>
  close(): Promise<void>
}

/** Aliases are looked at this often at most; one look is one stat per model. */
const LOOK_MS = 100
const RETRY_MS = 30_000
/** Time between two looks for new models. */
const SCAN_MS = 1000

interface Place {
  slot: Slot
  scoring: Scoring | undefined
  /** Opened and not yet in use. */
  next: Scoring | undefined
  opening: Promise<void> | undefined
  wanted: string | undefined
  /**
   * The version that could not be taken; tried again when the aliases are written again, or at
   * `retryAt`.
   */
  bad: string | undefined
  retryAt: number
}

/** Opens every slot. Throws UsageError when one cannot be opened; those that were are released. */
export async function openLineup(slots: readonly Slot[], options: LineupOptions): Promise<Lineup> {
  const places: Place[] = []
  const follows = slots.filter(({ alias }) => alias !== undefined).map(({ entry }) => entry)
  const watch = makeWatch([...new Map(follows.map(entry => [entry.dir, entry])).values()], options)
  try {
    for (const slot of slots) places.push(await openPlace(slot, options))
  } catch (error) {
    await releaseAll(places)
    throw error
  }
  let models = modelsOf(places)
  const found = makeScan(places, options)
  return {
    async current() {
      if (options.isPinned || !watch.isDue()) return models
      for (const slot of found()) takeSlot(places, slot, watch.add, options)
      for (const { dir, aliases } of watch.changed()) {
        for (const place of places.filter(({ slot }) => slot.entry.dir === dir))
          want(place, aliases, options)
      }
      for (const place of places) await settle(place, options)
      models = modelsOf(places)
      return models
    },
    close: () => releaseAll(places),
  }
}

/**
 * The slots as they are now, once a second. What stands against a new model is told once; of those
 * in use their watch tells.
 */
function makeScan(
  places: readonly Place[],
  { slots, now, refused }: LineupOptions,
): () => readonly Slot[] {
  let scanned = now()
  let problem = ''
  const isInUse = (text: string): boolean =>
    places.some(
      ({ slot: { entry } }) => text.startsWith(`${entry.name} `) || text.includes(entry.dir),
    )
  return () => {
    if (now() - scanned < SCAN_MS) return []
    scanned = now()
    try {
      const found = slots()
      problem = ''
      return found
    } catch (error) {
      const text = messageOf(error)
      if (text !== problem && !isInUse(text)) refused('models', text)
      problem = text
      return []
    }
  }
}

/**
 * A model that is new gets a place, which is empty until it is open; one whose folder is another
 * now is looked for there.
 */
function takeSlot(
  places: Place[],
  slot: Slot,
  add: (entry: Entry) => void,
  options: LineupOptions,
): void {
  const { entry, part, alias, version } = slot
  const place = places.find(
    ({ slot: known }) => known.entry.name === entry.name && known.part === part,
  )
  if (alias === undefined || place?.slot.entry.dir === entry.dir) return
  add(entry)
  if (place === undefined) {
    const wanted = version === '' ? undefined : version
    const empty = {
      scoring: undefined,
      next: undefined,
      opening: undefined,
      bad: undefined,
      retryAt: 0,
    }
    places.push({ slot: { ...slot, isOptional: true }, wanted, ...empty })
  } else {
    place.slot = { ...place.slot, entry }
    want(place, entry.aliases, options)
  }
}

const modelsOf = (places: readonly Place[]): Scoring[] =>
  places.flatMap(({ scoring }) => scoring ?? [])

async function openPlace(slot: Slot, { open }: LineupOptions): Promise<Place> {
  const { entry, part, version, isOptional } = slot
  const place = { slot, next: undefined, opening: undefined, bad: undefined, retryAt: 0 }
  if (isOptional && version === '') return { ...place, scoring: undefined, wanted: undefined }
  return { ...place, scoring: await open(entry, version, part), wanted: version }
}

async function releaseAll(places: readonly Place[]): Promise<void> {
  for (const place of places) {
    await place.opening
    await place.next?.release()
    await place.scoring?.release()
  }
}

/** Notes what the aliases now ask for. */
function want(place: Place, aliases: Entry['aliases'], { refused }: LineupOptions): void {
  const { alias, isOptional, entry } = place.slot
  if (alias === undefined) return
  const version = aliases[alias]
  place.bad = undefined
  // What the guard took out of production is its previous version then; other words are a mistake.
  const isWithdrawn = alias === 'production' && aliases.previous !== undefined
  if (version !== undefined || isOptional || isWithdrawn) place.wanted = version
  else
    refused(entry.name, `${entry.name} has lost its ${alias} version; ${place.wanted} stays in use`)
  if (version === undefined && isWithdrawn)
    refused(entry.name, `${entry.name} was taken out of production: its lines pass unscored`)
}

/**
 * Brings a place nearer to what is wanted: starts opening it, or puts it to use once it is open.
 */
async function settle(place: Place, options: LineupOptions): Promise<void> {
  const { wanted, scoring, next, opening, slot } = place
  if (opening !== undefined) return
  if (next !== undefined) {
    place.next = undefined
    if (next.bundle.version === wanted) await replace(place, next, options)
    else await next.release()
  } else if (wanted === undefined && scoring !== undefined) await replace(place, undefined, options)
  else if (
    wanted !== undefined &&
    wanted !== scoring?.bundle.version &&
    mayTry(place, wanted, options.now())
  )
    place.opening = prepare(place, slot, wanted, options)
}

const mayTry = ({ bad, retryAt }: Place, version: string, now: number): boolean =>
  version !== bad || now >= retryAt

async function replace(
  place: Place,
  next: Scoring | undefined,
  { swapped }: LineupOptions,
): Promise<void> {
  const old = place.scoring
  place.scoring = next
  swapped(place.slot.entry.name)
  await old?.release()
}

/**
 * Opens a version beside the one in use. Never throws: what cannot be opened is told and not taken.
 */
async function prepare(
  place: Place,
  { entry, part }: Slot,
  version: string,
  options: LineupOptions,
): Promise<void> {
  try {
    place.next = await options.open(entry, version, part)
  } catch (error) {
    place.bad = version
    // A bundle that does not fit stays so; a worker that ended at the wrong moment does not speak
    // against it.
    place.retryAt =
      error instanceof UsageError ? Number.POSITIVE_INFINITY : options.now() + RETRY_MS
    const use = place.scoring === undefined ? 'none' : place.scoring.bundle.version
    options.refused(entry.name, `${messageOf(error)}; ${use} stays in use`)
  } finally {
    place.opening = undefined
  }
}

/** Notices new aliases by the identity of their file, which every change replaces. */
function makeWatch(first: readonly Entry[], { refused, now }: LineupOptions) {
  const entries = [...first]
  const seen = new Map(entries.map(({ dir }) => [dir, stampOf(dir)]))
  let looked = Number.NEGATIVE_INFINITY
  return {
    isDue: () => now() - looked >= LOOK_MS,
    add(entry: Entry): void {
      if (!seen.has(entry.dir)) entries.push(entry)
      seen.set(entry.dir, stampOf(entry.dir))
    },
    changed(): { dir: string; aliases: Entry['aliases'] }[] {
      looked = now()
      return entries.flatMap(({ name, dir }) => {
        const stamp = stampOf(dir)
        if (stamp === seen.get(dir)) return []
        seen.set(dir, stamp)
        try {
          return [{ dir, aliases: readAliases(dir) }]
        } catch (error) {
          refused(name, messageOf(error))
          return []
        }
      })
    },
  }
}

function stampOf(dir: string): string {
  const stat = statSync(join(dir, 'aliases.json'), { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`
}
