module github.com/hughkantsime/odin-release

go 1.26.0

tool github.com/magefile/mage

ignore ./dist

require github.com/magefile/mage v1.17.2 // indirect
