module x // a

require (
) // b

go 1.21 // c
