"""The field's words, plurals folded, in English and Spanish: what the names in a test are compared with."""

from __future__ import annotations

from functools import lru_cache

from mlscore.core.placement_words import singular

_ACCENTS = str.maketrans("áéíóúüñàèìòùçâêîôû", "aeiouunaeioucaeiou")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its plural; accents folded, so that Spanish words have one spelling."""
    if not word.isascii():
        word = word.translate(_ACCENTS)
    return singular(word)


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text, plurals folded, as a set."""
    return frozenset(stem(word) for word in text.split())


METRIC = vocabulary(
    "accuracy acc f1 auc roc precision recall rmse mae mse mape smape wape r2 logloss brier bleu rouge mcc "
    "kappa ndcg gini iou perplexity wer auroc auprc exactitud metric metrica sensitivity specificity "
    "sensibilidad rmsle"
)
LOOSE_METRIC = vocabulary(
    "score performance error loss quality rate evaluate evaluation puntuacion rendimiento perdida evaluar"
)
MODEL = vocabulary(
    "model classifier clf regressor predictor estimator net network booster forest tree pipeline modelo "
    "clasificador learner recommender trained"
)
PREDICTION = vocabulary(
    "prediction predict pred proba prob forecast predicted inference infer output prediccion predecir salida logit"
)
DATA = vocabulary(
    "df data dataset frame row raw train training column datos review sample table batch record dataframe csv corpus"
)
LIMIT = vocabulary(
    "threshold min minimum max maximum limit tolerance bound budget cutoff umbral minimo maximo limite tol "
    "required sla allowed acceptable target"
)
PROTECTED = vocabulary(
    "gender sex race ethnicity religion disability nationality sexo genero raza etnia discapacidad male female "
    "protected sensitive minority ethnic racial gendered"
)
TIME = vocabulary(
    "time elapsed duration latency took second ms perf counter timeit throughput rps qps fps latencia duracion "
    "tiempo milliseconds monotonic millisecond"
)
MEMORY = vocabulary("memory rss mb peak tracemalloc psutil getsizeof memoria byte nbytes gb mib megabyte")
FEATURE = vocabulary(
    "feature featurize preprocess preprocessing preprocessor clean cleaning encode encoder encoding tokenize "
    "tokenizer normalize normaliser normalizer normalise scale scaler impute imputer vectorize vectorizer "
    "transform transformer extract bucket bucketize lag rolling stem stemming lemmatize stopword onehot hot "
    "haversine lowercase caracteristica limpiar preprocesar codificar tokenise vectorise engineer engineering "
    "augment augmentation crop resize embed embedding distance derive discretize bin cyclical winsorize clip "
    "cleaner categorical"
)
FEATURE_MODULE = vocabulary(
    "feature preprocess preprocessing preprocessor transform transformer transforming cleaning clean encoder "
    "prep preparation tokenizer tokenization engineering processing featurize vectorizer caracteristica "
    "preprocesamiento limpieza transformation"
)
PLUMBING_MODULE = vocabulary(
    "util utils config configuration setting logging logger logs cli path io download downloader storage s3 "
    "api db database registry args argparse parser cache utilidades utilidad helper"
)
