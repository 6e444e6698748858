//! People: command line, configuration, HTTP, service manager.
