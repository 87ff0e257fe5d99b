/** The nonce of this page, for libraries that must add a style element. Empty outside the console's window. */
export const cspNonce = (): string => {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  return meta?.nonce || meta?.content || ''
}
