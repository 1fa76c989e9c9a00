// Sends numbered events with @segment/analytics-node, unchanged: node send.mjs ADDRESS KEY COUNT
import { Analytics } from '@segment/analytics-node'

const [address, writeKey, count] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host: address, flushAt: 10, flushInterval: 100, httpRequestTimeout: 5000 })
analytics.on('error', (error) => console.error('failed', error.code))

analytics.identify({ userId: 'anna', anonymousId: 'device-1', traits: { email: 'Anna@Example.org' }, messageId: 'identify' })
analytics.page({ userId: 'anna', name: 'Home', properties: { url: 'https://shop.example/' }, messageId: 'page' })
analytics.screen({ userId: 'anna', name: 'Start', messageId: 'screen' })
analytics.group({ userId: 'anna', groupId: 'firm', traits: { name: 'Firm' }, messageId: 'group' })
analytics.alias({ userId: 'anna', previousId: 'anna-before', messageId: 'alias' })
for (let nth = 0; nth < Number(count); nth++) {
  analytics.track({ userId: 'anna', event: 'Product Viewed', properties: { product_id: `p-${nth}` }, messageId: `track-${nth}` })
}
await analytics.closeAndFlush({ timeout: 30000 })
