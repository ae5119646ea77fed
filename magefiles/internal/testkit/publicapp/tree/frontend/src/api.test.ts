import { expect, test } from 'vitest'
import { path } from './api'

test('paths are those of the current API', () => expect(path('printers')).toBe('/api/v1/printers'))
