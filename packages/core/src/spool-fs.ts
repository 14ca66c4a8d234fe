import fs from 'node:fs'

/** The calls to the file system that the spool makes, so that tests can put faults between. */
export type SpoolFs = Pick<
  typeof fs,
  | 'closeSync'
  | 'fstatSync'
  | 'fsync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'promises'
  | 'readdirSync'
  | 'readFileSync'
  | 'renameSync'
  | 'rmdirSync'
  | 'statfsSync'
  | 'unlinkSync'
  | 'writeSync'
>

/** The real file system. */
export const nodeFs: SpoolFs = fs
