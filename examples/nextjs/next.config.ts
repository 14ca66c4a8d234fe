import type { NextConfig } from 'next'

const config: NextConfig = {
  experimental: { turbopackFileSystemCacheForBuild: false },
}

export default config
