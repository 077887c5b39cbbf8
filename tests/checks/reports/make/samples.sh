#!/bin/sh
# Makes every sample anew: sh samples.sh WORK [TOOL...]   (WORK: an empty folder for the environments)
# Each tool has an environment of its own, since several of them ask for libraries that exclude each other.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$(cd "$here/../samples" && pwd)
work=$1; shift
tools=${*:-evidently evidently-0.6 evidently-0.4 gx gx-0.18 deepchecks tfdv tfma mlflow fairlearn sklearn benchmark coverage}
export PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1 DO_NOT_TRACK=1 GX_ANALYTICS_ENABLED=false OMP_NUM_THREADS=1
mkdir -p "$work"

environment() { # name requirements...
    env=$work/$1; shift
    test -x "$env/bin/python" || python3 -m venv "$env"
    test -e "$env/.ready" || { "$env/bin/pip" install -q "$@" && touch "$env/.ready"; }
}
version() { "$env/bin/python" -c "from importlib.metadata import version; print(version('$1'))"; }
folder() { out=$to/$1-$(version "$2"); rm -rf "$out"; mkdir -p "$out"; }

for tool in $tools; do
    case $tool in
    evidently) environment evidently "evidently==0.7.23" "pandas<3"; folder evidently evidently
        "$env/bin/python" "$here/evidently_new.py" "$out" ;;
    evidently-0.6) environment evidently-0.6 "evidently==0.6.7" "pandas<2.3" "numpy<2"; folder evidently evidently
        "$env/bin/python" "$here/evidently_legacy.py" "$out" ;;
    evidently-0.4) environment evidently-0.4 "evidently==0.4.40" "pandas<2.3" "numpy<2"; folder evidently evidently
        "$env/bin/python" "$here/evidently_legacy.py" "$out" ;;
    gx) environment gx great_expectations; folder great_expectations great_expectations
        "$env/bin/python" "$here/gx_1.py" "$out" ;;
    gx-0.18) environment gx-0.18 "great_expectations==0.18.22" "pandas<2.2" "numpy<2" "setuptools<81"
        folder great_expectations great_expectations
        "$env/bin/python" "$here/gx_018.py" "$out" ;;
    deepchecks)
        # The environment that `mlscore extra install deepchecks` builds, from the same pins.
        environment deepchecks-env -r "$here/../../../../mlscore/extras/pins/deepchecks-3.11.txt"
        folder deepchecks deepchecks
        export DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY=true
        "$env/bin/python" "$here/deepchecks_suite.py" "$out" ;;
    tfdv | tfma)
        # Their requirements as declared take pip hours to resolve: what they need here is named.
        environment tfx "tensorflow==2.16.2" "apache-beam==2.60.0" "pyarrow==10.0.1" "pandas<2" "numpy<2" "protobuf<5" \
            "scipy<1.14" tf-keras==2.16.0 joblib ipython ipykernel "ipywidgets<8" nltk rouge-score sacrebleu pillow
        "$env/bin/pip" install -q --no-deps tensorflow-data-validation==1.16.1 tensorflow-model-analysis==0.47.1 \
            tfx-bsl==1.16.1 tensorflow-metadata==1.16.1 tensorflow-serving-api==2.16.1 googleapis-common-protos pyfarmhash
        case $tool in
        tfdv) out=$to/tfdv-1.16.1 script=tfdv_anomalies.py ;;
        tfma) out=$to/tfma-0.47.1 script=tfma_evaluation.py ;;
        esac
        rm -rf "$out"; mkdir -p "$out"
        "$env/bin/python" "$here/$script" "$out" ;;
    *) environment common mlflow fairlearn scikit-learn pytest pytest-benchmark coverage
        case $tool in
        mlflow) folder mlflow mlflow; "$env/bin/python" "$here/mlflow_evaluate.py" "$out" ;;
        fairlearn) folder fairlearn fairlearn; "$env/bin/python" "$here/fairlearn_frame.py" "$out" ;;
        sklearn) folder scikit-learn scikit-learn; "$env/bin/python" "$here/sklearn_metrics.py" "$out" ;;
        benchmark) folder pytest-benchmark pytest-benchmark
            mkdir -p "$work/flights" && cd "$work/flights" && cp "$here/benchmarked.py" .
            cp "$here/no_machine.py" conftest.py
            "$env/bin/python" -m pytest -q -p no:cacheprovider --benchmark-json="$out/benchmark.json" \
                benchmarked.py || test $? = 1 ;;
        coverage) folder coverage coverage
            mkdir -p "$work/flights" && cd "$work/flights" && cp "$here/covered.py" .
            printf '[run]\nrelative_files = true\n' > .coveragerc
            "$env/bin/python" -m coverage run --branch covered.py
            "$env/bin/python" -m coverage xml -q -o "$out/coverage.xml"
            "$env/bin/python" -m coverage json -q --pretty-print -o "$out/coverage.json" ;;
        esac ;;
    esac
done
