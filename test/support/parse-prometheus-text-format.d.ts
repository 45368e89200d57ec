declare module "parse-prometheus-text-format" {
  export interface Family {
    name: string;
    help: string;
    type: string;
    metrics: { labels?: Record<string, string>; value?: string; count?: string; buckets?: Record<string, string> }[];
  }
  export default function parse(text: string): Family[];
}
