# The same commands a person, the README and CI use; each sets up what it needs.
.PHONY: demo test check bench golden generate traces fits ulps outputs validate-hardware

demo:
	scripts/demo

test:
	scripts/test

check:
	scripts/check

# Every speed the project promises, measured now and printed.
bench:
	scripts/setup dev zig
	.venv/bin/python -m tests.bench

# Golden timing tables and instruction counts change only here, in a diff a person reads.
golden:
	scripts/setup dev zig
	.venv/bin/python -m tests.timing --write
	.venv/bin/python -m tests.golden --write

# The runs that --fast estimates from, and its costs; about a minute. Needed after a change of kernels or prices.
traces:
	scripts/setup dev
	.venv/bin/python -m simref.pipelines.traces

# What the measurements in traces/hardware/ say of their boards' memories, with the errors of each case left out.
fits:
	scripts/setup dev
	.venv/bin/simref calibrate traces/hardware/mlperf_tiny_v1_2.csv --output costmodel/fits

# Files written by programs: the tables of operators and formats, the constants of float32 functions, formatted sources.
generate:
	scripts/setup dev zig
	.venv/bin/python -m simref.supported_ops docs/supported_ops.md
	.venv/bin/python -m simref.formats docs/formats.md
	.venv/bin/python -m generator.float32_constants runtime_c/constants_f32.h
	.venv/bin/ruff format .
	.venv/bin/clang-format -i $$(git ls-files 'runtime_c/*.c' 'runtime_c/*.h')

# The errors of the float32 functions over all their arguments, C compared with the reference; about half an hour.
ulps:
	scripts/setup dev
	.venv/bin/python -m tests.float32_errors

# What Keras and onnxruntime compute of the larger models, for tests that need neither; installs both.
outputs:
	scripts/setup dev models
	.venv/bin/python -m tests.store_outputs

# Predicted against measured cycles; IMAGES is a checkout of mlcommons/tiny_results_v1.2, which is not ours to ship.
validate-hardware:
	scripts/setup dev
	.venv/bin/python -m tests.validate_hardware "$(IMAGES)"
