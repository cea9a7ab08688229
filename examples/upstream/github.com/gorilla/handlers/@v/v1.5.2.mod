module github.com/gorilla/handlers

go 1.20

require github.com/felixge/httpsnoop v1.0.3
