// Written by the release: the version that the footer shows.
export const APP_VERSION = '1.7.3'
