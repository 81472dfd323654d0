// Package matrix runs real servers of many languages behind the bridge and keeps
// the table of what each can take.
//
// The invariant: what the table says was seen. A cell "works" when a server
// started, was swapped ten times under load without a lost request, survived the
// end of the process that answered, and stopped; it "cannot" when the server
// failed in the way that the reason names. It "loses" when the server itself drops
// requests as it goes; that is rare, so not each run has it: go test -v shows what
// was lost.
//
// It builds and downloads, so it runs only when asked to:
//
//	SDBRIDGE_MATRIX=all go test -timeout 60m ./testdata/matrix -update
//	SDBRIDGE_MATRIX=core go test ./testdata/matrix
//	SDBRIDGE_MATRIX=starlet,puma go test -v ./testdata/matrix
package matrix
