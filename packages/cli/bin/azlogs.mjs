#!/usr/bin/env node
// There before the first build, so that package managers can link it at install time.
import '../dist/bin.mjs'
