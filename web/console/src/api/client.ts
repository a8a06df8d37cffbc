// The one way to the server: paths, queries, bodies and answers are typed by docs/openapi.json (schema.d.ts, made at build).
import type { components, paths } from './schema'
import { lang, t } from '@/lib/words'

export type Schema = components['schemas']
type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathOf<V extends Verb> = { [P in keyof paths]: paths[P] extends { [K in V]: { responses: unknown } } ? P : never }[keyof paths]
type Op<P extends keyof paths, V extends Verb> = paths[P][V]
type Json<C> = C extends { content: { 'application/json': infer J } } ? J : undefined
type Answer<O> = O extends { responses: infer R } ? (R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : undefined) : never
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : never
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? B
  : O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : undefined
type PathParts<P> = P extends `${string}{${infer N}}${infer Rest}` ? { [K in N]: string } & PathParts<Rest> : unknown

export type Page<T> = { items: T[]; next_cursor?: string }
export interface Complaint { pointer?: string; message?: string }

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId = '',
    readonly numbers: Record<string, number> = {},
    readonly errors: Complaint[] = [],
    readonly retryable = false,
  ) { super(message) }
  get isOffline() { return this.status === 0 }
}

interface Options<O, P> {
  path?: PathParts<P>
  query?: QueryOf<O>
  body?: BodyOf<O>
  key?: string        // Idempotency-Key: the same for the same deed, however often it is tried
  version?: number    // If-Match
  signal?: AbortSignal
}

let onLoggedOut = () => {}
export function whenLoggedOut(run: () => void) { onLoggedOut = run }

export function newKey() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('') // http:// in a LAN
}

export function addressOf(path: string, parts: object | undefined, query: object | undefined) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String((parts as Record<string, unknown>)[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '' && value !== false) search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${filled}?${text}` : filled
}

async function problemOf(reply: Response) {
  const requestId = reply.headers.get('X-Request-Id') ?? ''
  try {
    const p = (await reply.json()) as Schema['Problem']
    return new ApiError(reply.status, p.code, p.detail || p.title, p.request_id || requestId,
      (p.numbers ?? {}) as Record<string, number>, (p.errors ?? []) as Complaint[], p.retryable)
  } catch {
    return new ApiError(reply.status, `http.${reply.status}`, t('服务器没有给出说明', 'the server gave no explanation'), requestId)
  }
}

async function call<P extends keyof paths, V extends Verb>(verb: V, path: P, options: Options<Op<P, V>, P> = {}): Promise<Answer<Op<P, V>>> {
  const headers: Record<string, string> = { 'Accept': 'application/json', 'Accept-Language': lang.value }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  if (options.key) headers['Idempotency-Key'] = options.key
  if (options.version !== undefined) headers['If-Match'] = `"v${options.version}"`
  let reply: Response
  try {
    reply = await fetch(addressOf(path as string, options.path as object, options.query as object), {
      method: verb.toUpperCase(), headers, credentials: 'same-origin',
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal ?? AbortSignal.timeout(20_000),
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(0, 'offline', t('连不上服务器', 'the server cannot be reached'), '', {}, [], true)
  }
  if (!reply.ok) {
    const problem = await problemOf(reply)
    if (reply.status === 401 && path !== '/v1/login') onLoggedOut()
    throw problem
  }
  if (reply.status === 204) return undefined as Answer<Op<P, V>>
  return (await reply.json()) as Answer<Op<P, V>>
}

export const api = {
  get: <P extends PathOf<'get'>>(path: P, options?: Options<Op<P, 'get'>, P>) => call('get', path, options),
  post: <P extends PathOf<'post'>>(path: P, options?: Options<Op<P, 'post'>, P>) => call('post', path, options),
  put: <P extends PathOf<'put'>>(path: P, options?: Options<Op<P, 'put'>, P>) => call('put', path, options),
  patch: <P extends PathOf<'patch'>>(path: P, options?: Options<Op<P, 'patch'>, P>) => call('patch', path, options),
  delete: <P extends PathOf<'delete'>>(path: P, options?: Options<Op<P, 'delete'>, P>) => call('delete', path, options),
}
