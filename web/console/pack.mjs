// Packs what a build made (NAME.gz and NAME.br beside NAME), and holds the pages to their budget:
//   node pack.mjs DIR
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const KIB = 1024
const budget = { 'till.html': 250 * KIB, 'index.html': 250 * KIB } // JavaScript that a page needs before anything is clicked, packed

const dir = process.argv[2]
const packed = {}
for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name)
  if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest)$/.test(path)) continue
  const plain = readFileSync(path)
  const gz = gzipSync(plain, { level: 9 })
  packed[path.slice(dir.length)] = gz.length
  if (plain.length < KIB) continue
  writeFileSync(`${path}.gz`, gz)
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }))
}
for (const [page, most] of Object.entries(budget)) {
  const files = new Set([...readFileSync(join(dir, page), 'utf8').matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map((m) => m[1]))
  const size = [...files].reduce((sum, file) => sum + packed[file], 0)
  console.log(`${page}: ${Math.round(size / KIB)} KiB of JavaScript, packed`)
  if (size <= most) continue
  console.error(`web: ${page} needs ${size} bytes of JavaScript, more than ${most}`)
  process.exit(1)
}
