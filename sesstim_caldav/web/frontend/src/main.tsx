/* The dashboard: takes over the page that the server has drawn. */
import "preact";
