/** Addresses and queries: what stands in one is asked in the other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PAGE_SIZE, format, gallery, isFiltered, parse, queryVariables, tagList } from '../../static/client/route.js';

const at = (address) => parse(new URL(address, 'http://host'));

test('an address survives being read and written', () => {
  for (const address of ['/', '/?q=red+cup&tags=a%2Cb&min-width=800&deleted=1&sort=-name&after=XYZ', '/images/aW1n%3D',
    '/?type=image%2Fpng&max-height=20&before=ABC']) {
    assert.equal(format(at(address)), address);
  }
});

test('what makes no sense in an address is left out', () => {
  assert.equal(format(at('/?min-width=-3&max-width=1e9&sort=loudest&min-height=%00')), '/');
});

test('bounds become a range of both ends', () => {
  const { filter } = queryVariables(at('/?min-width=10&max-width=20&max-height=5'));
  assert.deepEqual(filter, { deleted: false, width: { gte: 10, lte: 20 }, height: { lte: 5 } });
});

test('pages are asked forwards or backwards', () => {
  assert.deepEqual(queryVariables(gallery()).size, PAGE_SIZE);
  assert.deepEqual(queryVariables(at('/?after=X')).cursor, 'X');
  assert.deepEqual(queryVariables(at('/?before=Y')).cursor, 'Y');
});

test('the list of the deleted is a place, not a filter', () => {
  assert.equal(isFiltered(at('/?deleted=1').filter), false);
  assert.equal(isFiltered(at('/?deleted=1&q=x').filter), true);
});

test('tags are separated by commas and named once', () => {
  assert.deepEqual(tagList(' red, blue ,,red'), ['red', 'blue']);
});
