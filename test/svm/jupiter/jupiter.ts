import { type Faults, makeFaults } from '../faults.ts'
import { type Answer, bodyOf, listen, respond } from '../server.ts'
import type { World } from '../world.ts'
import { makeOrders } from './jupiter-orders.ts'
import { buildAnswer, NO_ROUTE, quote, swapInstructions, swapTransaction } from './jupiter-swap.ts'

/** The swap API over the machine’s pools, versions 1 and 2, in the shapes of api.jup.ag. */
export interface Jupiter {
  url: string
  /** Key that requests must carry as x-api-key. */
  key: string
  /** Faults by path, as `/swap/v1/quote`. */
  faults: Faults
  asked: Map<string, number>
  /** Answers without a socket in between, as its fault wants it. */
  answer(method: string, url: URL, body: unknown, fault: ReturnType<Faults['next']>): Answer
  close(): void
}

/** Where a request fails that is not from somebody with a key. */
const UNAUTHORIZED: Answer = { status: 401, body: { code: 401, message: 'Unauthorized' } }

export async function openJupiter(world: World, key = 'test-key'): Promise<Jupiter> {
  const orders = makeOrders(world)
  const routes: Record<
    string,
    (query: URLSearchParams, body: any, fault: ReturnType<Faults['next']>) => Answer
  > = {
    'GET /swap/v1/quote': query => quote(world, query),
    'POST /swap/v1/swap': (_, body) => swapAnswer(world, body),
    'POST /swap/v1/swap-instructions': (_, body) => swapInstructions(world, body),
    'GET /swap/v2/build': query => buildAnswer(world, query),
    'GET /swap/v2/order': query => orders.order(query),
    'POST /swap/v2/execute': (_, body, fault) => orders.execute(body, fault),
  }
  const { url, close } = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    jupiter.asked.set(pathname, (jupiter.asked.get(pathname) ?? 0) + 1)
    const text = await bodyOf(request)
    const fault = jupiter.faults.next(pathname)
    await respond(response, fault, () => {
      if (request.headers['x-api-key'] !== key) return UNAUTHORIZED
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      return jupiter.answer(
        request.method ?? '',
        new URL(request.url ?? '/', 'http://x'),
        body,
        fault,
      )
    })
  })
  const jupiter: Jupiter = {
    url,
    key,
    faults: makeFaults(),
    asked: new Map(),
    close,
    answer(method, { pathname, searchParams }, body, fault) {
      const route = routes[`${method} ${pathname}`]
      return route === undefined
        ? { status: 404, body: { error: 'Not found' } }
        : route(searchParams, body, fault)
    },
  }
  return jupiter
}

function swapAnswer(world: World, body: any): Answer {
  const built = swapTransaction(
    world,
    body?.quoteResponse,
    body?.userPublicKey,
    body?.prioritizationFeeLamports,
  )
  if (built === undefined) return NO_ROUTE
  const { base64, lastValid, priorityFee } = built
  return {
    body: {
      swapTransaction: base64,
      lastValidBlockHeight: lastValid,
      prioritizationFeeLamports: priorityFee,
    },
  }
}
