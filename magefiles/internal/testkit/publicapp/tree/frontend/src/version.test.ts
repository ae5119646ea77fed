import { expect, test } from 'vitest'
import { accent, version } from './version'

test('the version is that of the file VERSION', () => expect(version).toMatch(/^\d+\.\d+\.\d+/))
test('the accent comes from the design', () => expect(accent).toMatch(/^#/))
