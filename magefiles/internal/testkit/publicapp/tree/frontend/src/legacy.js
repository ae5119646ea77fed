export const names = (printers) => printers.map((each) => each.name)
