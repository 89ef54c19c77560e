// The least a Node program can do with NDJSON: parse each line and print it again. The yardstick of
// bench/run.ts.
let tail = ''
for await (const chunk of process.stdin) {
  const lines = (tail + chunk).split('\n')
  tail = lines.pop()
  let out = ''
  for (const line of lines) out += `${JSON.stringify(JSON.parse(line))}\n`
  const isFull = !process.stdout.write(out)
  if (isFull) await new Promise(resolve => process.stdout.once('drain', resolve))
}
