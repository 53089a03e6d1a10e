// Package config is the configuration of the aichat command: where its files
// live, what config.toml and the environment say, which server is meant and
// what is remembered from one command to the next.
//
// Another program named aichat exists; it owns config.yaml in the same folder
// and the variable AICHAT_MODEL. This package reads config.toml only, writes
// state.json only, and its variables are AICHAT_URL, AICHAT_TOKEN,
// AICHAT_PROFILE, AICHAT_CREDENTIALS and AICHAT_CHAT_MODEL.
//
// It imports the standard library, client/setting and a file lock. It is not in
// the command, because client/local needs the same places.
package config
