/** The audiences of the ingestion service in Azure's clouds, under the names of the official client. */
export const KnownMonitorAudience: {
  readonly AzureChina: 'https://monitor.azure.cn'
  readonly AzureGovernment: 'https://monitor.azure.us'
  readonly AzurePublicCloud: 'https://monitor.azure.com'
} = {
  AzureChina: 'https://monitor.azure.cn',
  AzureGovernment: 'https://monitor.azure.us',
  AzurePublicCloud: 'https://monitor.azure.com',
}

/** One of {@link KnownMonitorAudience}. */
export type KnownMonitorAudience = (typeof KnownMonitorAudience)[keyof typeof KnownMonitorAudience]
