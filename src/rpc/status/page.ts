export const statusPage = (style: string, script: string) =>
  `<!doctype html><title>x</title><style>${style}</style><script>${script}</script>`;
