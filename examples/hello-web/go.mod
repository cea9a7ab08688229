module example.com/hello-web

go 1.24

require (
	github.com/go-chi/chi/v5 v5.1.0
	github.com/google/uuid v1.6.0
	github.com/gorilla/handlers v1.5.2
	github.com/hashicorp/golang-lru/v2 v2.0.7
	gopkg.in/yaml.v3 v3.0.1
)

require github.com/felixge/httpsnoop v1.0.3 // indirect
