# The two commands that do all the set-up. They say first what they will install and build, and about how long that takes.
#
#   make demo    installs what is missing, builds, runs `yidang demo`        ARGS="--records 20000" passes flags on
#   make test    installs what is missing, runs everything that .ci/run runs
#
# Built files go to $CARGO_TARGET_DIR, or where it is unset to the user's cache folder.

SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/yidang/target
# Where rustup puts cargo; a shell that was opened before does not know it.
export PATH := $(PATH):$(HOME)/.cargo/bin
ARGS ?=

.PHONY: help demo test setup-demo setup-test

help:
	@sed -n '3,4s/^# *//p' Makefile

setup-demo setup-test: setup-%:
	@deploy/setup $*

demo: setup-demo
	@cargo build --workspace --locked
	@exec "$$CARGO_TARGET_DIR/debug/yidang" demo $(ARGS)

test: setup-test
	@.ci/steps
