import { expect, test } from '@playwright/test';

test('the API is healthy', async ({ request }) => {
  const answer = await request.get('/api/v1/health');
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toMatchObject({ status: 'ok' });
});

test('the footer shows the version that the API reports', async ({ page, request }) => {
  const { version } = await (await request.get('/api/v1/health')).json();
  await page.goto('/');
  await expect(page.locator('footer')).toContainText(version);
});
