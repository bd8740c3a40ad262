import { parseText } from '../../../../starter/webhooks/parse.ts';

test.each([
  '{"__proto__":{"admin":true}}',
  '{"data":[{"__proto__":1}]}',
  '{"\\u005f_proto__":1}',
  '{"\\u005F\\u005Fproto\\u005f\\u005f":1}',
  '{"__pr\\u006fto__":1}',
])('%s names what no honest sender names', (text) => {
  expect(() => parseText(text)).toThrow('the body is not JSON');
});

test.each(['{"a":"__proto__"}', '{"a":"caf\\u00e9"}', '{"constructor":1}', '[]'])(
  '%s is JSON like any other',
  (text) => {
    expect(parseText(text)).toEqual(JSON.parse(text));
  },
);
