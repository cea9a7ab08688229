module github.com/felixge/httpsnoop

go 1.13
