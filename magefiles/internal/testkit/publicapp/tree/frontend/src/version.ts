export const version: string = __APP_VERSION__
export const accent: string = __ACCENT__
