// Package servers knows what the published servers can take, each seen with the
// server itself.
//
// The invariant: nothing is said of a program that is not in the table. It is
// what `sdbridge units` writes by, `sdbridge check` judges by, `sdbridge run` warns
// by, and `sdbridge drill` names causes by.
//
//	s := servers.Find([]string{"carton", "exec", "plackup", "-s", "Starman", "app.psgi"})
//	fmt.Println(s.Name, s.Graceful(), s.NoIPv6) // Starman QUIT reads an IPv6 …
package servers
