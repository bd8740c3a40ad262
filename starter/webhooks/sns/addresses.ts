/** The host of SNS in the region of a topic; null when the name is not a topic's. */
function hostOf(topicArn: string): string | null {
  const [, partition, region] =
    /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]+):\d{12}:[\w-]+(?:\.fifo)?$/.exec(topicArn) ?? [];
  if (region === undefined) return null;
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}

/** Whether this is where SNS keeps the certificates of the topic's region: anybody can have one made elsewhere. */
export function isCertificateUrl(url: string, topicArn: string): boolean {
  const host = hostOf(topicArn);
  const [, found] = /^https:\/\/([a-z0-9.-]+)\/SimpleNotificationService-[0-9a-f]{32}\.pem$/.exec(url) ?? [];
  return host !== null && found === host;
}

/** Whether visiting this confirms a subscription to that very topic and does nothing else. */
export function isSubscribeUrl(url: string, topicArn: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, pathname, searchParams, username, password } = new URL(url);
  return (
    protocol === 'https:' &&
    host === hostOf(topicArn) &&
    pathname === '/' &&
    username === '' &&
    password === '' &&
    [...searchParams.keys()].sort().join() === 'Action,Token,TopicArn' &&
    searchParams.get('Action') === 'ConfirmSubscription' &&
    searchParams.get('TopicArn') === topicArn
  );
}
