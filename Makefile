# make demo: the main job on the embedded example web, without a network. make test: ruff, mypy, pytest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYWB := .venv-pywb

.PHONY: demo test pictures clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

# Other people's replay tools, which the tests hold our collections against: never in one environment with the project.
$(PYWB)/.installed: tests/replay/requirements-pywb.txt
	rm -rf $(PYWB)
	$(PYTHON) -m venv $(PYWB)
	$(PYWB)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< || { rm -rf $(PYWB); exit 1; }
	touch $@

demo: $(VENV)/.installed
	rm -rf collections/example
	@echo; echo '== The article is read, its sources are fetched and kept:  scrapy crawl sources'
	$(BIN)/scrapy crawl sources
	@echo; echo '== What was kept:  footnotary citations'
	@$(BIN)/footnotary citations | tee collections/example/logs/crawl.txt
	@echo; echo '== Where it lies: WARC files that any replay tool opens, and an index for questions'
	@ls collections/example/archive/*.warc.gz collections/example/derived/*.warc.gz collections/example/indexes/index.cdxj \
	    collections/example/index.sqlite
	@echo; echo '== Every record, every digest and both indexes are checked:  footnotary verify'
	@$(BIN)/footnotary verify
	@echo; echo '== The same crawl again, from the archive alone, without a network:  footnotary crawl --replay latest'
	@$(BIN)/footnotary crawl --replay latest > collections/example/logs/replay.txt
	@cmp collections/example/logs/crawl.txt collections/example/logs/replay.txt && echo 'The replay gave the same table.'
	@echo; echo 'Look at it in a browser:  collections/example/report/index.html'
	@echo 'Look closer:              $(BIN)/footnotary show 19'
	@echo 'Your own article:         $(BIN)/footnotary crawl URL, in any folder (README.md says more)'

test: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory $(PYWB)/.installed || echo 'pywb could not be installed: the tests that need it will skip and say so'
	FOOTNOTARY_PYWB=$(PYWB)/bin/python $(BIN)/pytest -rfEs --numprocesses 3 --dist loadfile --no-loadscope-reorder

# What the report looks like, for the README: needs an installed Chromium.
pictures: $(VENV)/.installed
	$(BIN)/python -m tests.report.pictures

clean:
	rm -rf $(VENV) .venv-* collections build *.egg-info
