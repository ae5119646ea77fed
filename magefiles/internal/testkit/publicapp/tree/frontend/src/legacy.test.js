import { expect, test } from 'vitest'
import { names } from './legacy'

test('names', () => expect(names([{ name: 'a' }])).toEqual(['a']))
