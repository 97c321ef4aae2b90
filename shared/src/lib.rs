//! What the browser module and the proxy say to each other.
