module lestrrat

go 1.26.0

replace github.com/sdbridge/sdbridge => ../../..

require (
	github.com/lestrrat/go-server-starter v0.0.0-20180220115249-6ac0b358431b
	github.com/sdbridge/sdbridge v0.0.0-00010101000000-000000000000
)

require golang.org/x/sys v0.50.0 // indirect
