package detect

import (
	"path"

	"github.com/goccy/go-yaml"
)

// compose is a Docker Compose file.
type compose struct {
	file     string
	services []service
}

// service is a service of a Compose file.
type service struct {
	name, image         string
	context, dockerfile string // relative to the app; "" if the service is not built
	volumes             []string
}

// findCompose reads the Compose files. One that cannot be read has no services.
func (s imageSearch) findCompose() []compose {
	var list []compose
	for _, file := range s.named("docker-compose*.y*ml", "compose*.y*ml") {
		if isTest(file) {
			continue
		}
		var read struct {
			Services yaml.MapSlice
		}
		_ = yaml.Unmarshal([]byte(s.read(file)), &read) // an invalid file has no services
		found := compose{file: file}
		for _, each := range read.Services {
			if name, is := each.Key.(string); is {
				found.services = append(found.services, readService(path.Dir(file), name, each.Value))
			}
		}
		list = append(list, found)
	}
	return list
}

// readService reads a service; dir is the folder of its file
// (https://docs.docker.com/reference/compose-file/build/).
func readService(dir, name string, value any) service {
	data, _ := yaml.Marshal(value)
	var read struct {
		Image   string
		Build   any
		Volumes []any
	}
	_ = yaml.Unmarshal(data, &read) // a field with another type is left out
	found := service{name: name, image: read.Image}
	for _, volume := range read.Volumes {
		if text, is := volume.(string); is {
			found.volumes = append(found.volumes, text)
		}
	}
	switch build := read.Build.(type) {
	case string:
		found.context, found.dockerfile = path.Join(dir, build), path.Join(dir, build, "Dockerfile")
	case map[string]any:
		context, _ := build["context"].(string)
		dockerfile, named := build["dockerfile"].(string)
		if !named {
			dockerfile = "Dockerfile"
		}
		found.context = path.Join(dir, context)
		found.dockerfile = path.Join(found.context, dockerfile)
	}
	return found
}

// service returns the first service that a condition holds for, and its file.
func (s *search) service(holds func(service) bool) (service, string) {
	for _, file := range s.compose {
		for _, each := range file.services {
			if holds(each) {
				return each, file.file
			}
		}
	}
	return service{}, ""
}
