import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import winston from 'winston';
import { messageOf } from '../kernel/errors.ts';
import type { LogFields, Logger } from '../kernel/logger.ts';
import type { Redactor } from './redaction.ts';

const FILE_BYTES = 10_000_000;
const FILES = 5;
const NAMES_OF_WINSTON = new Set(['level', 'message', 'time']);

export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly redactor: Redactor;
  /** A file, for a process without a terminal: 5 files of it at most. Else lines go to stderr. */
  readonly file?: string | undefined;
  /** How large such a file grows, in bytes; 10 MB where absent. */
  readonly fileBytes?: number;
  /** Fields of every line, such as the role of the process. */
  readonly fields?: LogFields;
}

/** A logger whose last lines can be waited for. */
export interface ProcessLogger extends Logger {
  /** What every line goes through. Secrets that are opened later are registered here. */
  readonly redactor: Redactor;
  /** Resolves when everything so far is written. Nothing can be logged afterwards. */
  end(): Promise<void>;
}

/**
 * JSON lines `{"time","level","message",…fields}`. The message is static, what varies is in the fields, and
 * all of it goes through the redactor. A full disk never stops the process: lines are lost instead.
 */
export function createLogger(options: LoggerOptions): ProcessLogger {
  const transport = transportOf(options);
  const sink = winston.createLogger({
    level: options.level,
    format: winston.format.printf((line) => String(line.message)),
    transports: [transport],
    exitOnError: false,
  });
  sink.on('error', () => undefined);
  transport.on('error', () => undefined);
  const write: Write = (level, message, base, fields) => {
    if (!sink.isLevelEnabled(level)) return;
    sink.log(level, lineOf(options.redactor, level, message, [base, fields]));
  };
  return {
    ...loggerOn(write, options.fields ?? {}),
    redactor: options.redactor,
    end: () => ended(sink, transport),
  };
}

type Write = (
  level: LoggerOptions['level'],
  message: string,
  base: LogFields,
  fields: LogFields | undefined,
) => void;

function loggerOn(write: Write, base: LogFields): Logger {
  return {
    debug: (message, fields) => write('debug', message, base, fields),
    info: (message, fields) => write('info', message, base, fields),
    warn: (message, fields) => write('warn', message, base, fields),
    error: (message, fields) => write('error', message, base, fields),
    child: (fields) => loggerOn(write, { ...base, ...fields }),
  };
}

function lineOf(
  redactor: Redactor,
  level: string,
  message: string,
  fields: readonly (LogFields | undefined)[],
): string {
  const own = { time: new Date().toISOString(), level, message: redactor.text(message) };
  try {
    const rest = Object.entries(Object.assign({}, ...fields)).filter(
      ([name]) => !NAMES_OF_WINSTON.has(name),
    );
    return JSON.stringify({ ...own, ...Object(redactor.value(Object.fromEntries(rest))) });
  } catch (error) {
    // A getter that throws must not take the process with it.
    return JSON.stringify({ ...own, unloggable: redactor.text(messageOf(error)) });
  }
}

function transportOf({ file, fileBytes = FILE_BYTES }: LoggerOptions) {
  if (file === undefined) return new winston.transports.Stream({ stream: process.stderr });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return new winston.transports.File({
    dirname: dirname(file),
    filename: basename(file),
    maxsize: fileBytes,
    maxFiles: FILES,
    tailable: true,
    options: { flags: 'a', mode: 0o600 },
  });
}

async function ended(sink: winston.Logger, transport: winston.transport): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  transport.once('finish', resolve);
  transport.once('error', () => resolve());
  sink.end();
  await promise;
}
