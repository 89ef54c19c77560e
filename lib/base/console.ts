export interface Log {
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/** What a tool writes: data to stdout, line by line, with back-pressure. */
export interface Output {
  write(text: string): Promise<void>
}
