# Needs only Python 3.11 or newer and make; everything else is built into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GO_TOOLS := $(CURDIR)/.tools

.DEFAULT_GOAL := help
.PHONY: help install demo test chaos check lint types layers protos generate generated-is-current format bench bench-check bench-isolation bench-tools clean

help:  ## Say what each target does.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("pushsvc needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

install: $(STAMP)  ## Build .venv with pushsvc and its tools.

demo: install  ## Send one notification to a sandbox phone of every make, end to end.
	$(BIN)/pushsvc demo

test: install  ## Run the tests.
	$(BIN)/python -m pytest

KILLS ?= 200
SEED ?= 1

chaos: install  ## Kill the service under load KILLS times, with every other fault, and audit the books.
	$(BIN)/python -m tests.chaos --kills $(KILLS) --seed $(SEED)

check: install lint types layers protos generated-is-current test  ## What CI runs.

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy
	MYPYPATH=examples/vendor-acme $(BIN)/mypy --package pushsvc_vendor_acme

layers: install
	$(BIN)/lint-imports

protos: install
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against protos/released.txtpb

PROTOC = $(BIN)/python -m grpc_tools.protoc --proto_path=protos \
	--plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc

OUT ?= .

generate: install  ## Write pushsvc/v1 anew from protos/, and the vendors' matrix from the plug-ins.
	rm -f $(OUT)/pushsvc/v1/*_pb2*
	$(PROTOC) --python_out=$(OUT) --mypy_out=quiet:$(OUT) protos/pushsvc/v1/*.proto
	$(PROTOC) --grpc_python_out=$(OUT) --mypy_grpc_out=quiet,only_async:$(OUT) protos/pushsvc/v1/push_service.proto
	mkdir -p $(OUT)/docs/vendors
	$(BIN)/python -m vendors.matrix > $(OUT)/docs/vendors/matrix.md

generated-is-current: install
	rm -rf $(VENV)/generated && mkdir $(VENV)/generated
	$(MAKE) --no-print-directory generate OUT=$(VENV)/generated
	diff --recursive --exclude=__init__.py --exclude=__pycache__ pushsvc/v1 $(VENV)/generated/pushsvc/v1
	diff docs/vendors/matrix.md $(VENV)/generated/docs/vendors/matrix.md

format: install  ## Put code and protos into their one form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/buf format --write

ROUNDS ?= 5
BENCH_JSON ?= bench.json

bench: install  ## Measure speed beside a bare echo; needs bench-tools.
	$(BIN)/python -m bench --rounds $(ROUNDS) --json $(BENCH_JSON)

bench-check: install  ## Fail if the service is slower than bench/budget.toml allows.
	$(BIN)/python -m bench --rounds $(ROUNDS) --check

bench-isolation: install  ## Measure how much one vendor that hangs slows another under full load.
	$(BIN)/python -m bench.isolation

bench-tools:  ## Install ghz and grpcurl into .tools, where Go is present.
	@command -v go >/dev/null || { echo 'bench-tools needs Go; nothing else does'; exit 1; }
	GOBIN=$(GO_TOOLS) go install github.com/bojand/ghz/cmd/ghz@v0.121.0
	GOBIN=$(GO_TOOLS) go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4

clean:  ## Remove what the targets built.
	rm -rf $(VENV) .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
