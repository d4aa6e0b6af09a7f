//! Room crawl.
