"""Where definitions and intervals of metrics come from, as people read it."""

from schwung.core.text import Text

OWN_DEFINITION = Text("own definition", "eigene Definition")
AGRESTI_COULL = Text(
    "Interval: Agresti & Coull 1998, The American Statistician 52 (2)",
    "Intervall: Agresti & Coull 1998, The American Statistician 52 (2)",
)
AGRESTI_COULL_ODDS = Text(
    "Interval: Agresti & Coull 1998, The American Statistician 52 (2), transformed",
    "Intervall: Agresti & Coull 1998, The American Statistician 52 (2), umgerechnet",
)
DELTA = Text(
    "Delta method for a ratio of means (Deng, Knoblich & Lu 2018, arXiv:1803.06336)",
    "Delta-Methode für ein Verhältnis von Mittelwerten (Deng, Knoblich & Lu 2018, arXiv:1803.06336)",
)
DELTA_LOG = Text(
    "Delta method for a ratio of means, on the log scale (Deng, Knoblich & Lu 2018, arXiv:1803.06336)",
    "Delta-Methode für ein Verhältnis von Mittelwerten, auf der Log-Skala (Deng, Knoblich & Lu 2018, arXiv:1803.06336)",
)
WAITING = Text(
    "Kaplan & Meier 1958; interval: Brookmeyer & Crowley 1982",
    "Kaplan & Meier 1958; Intervall: Brookmeyer & Crowley 1982",
)
POISSON = Text("Interval: Poisson count on the log scale", "Intervall: Poisson-Anzahl auf der Log-Skala")
COMPOUND_POISSON = Text(
    "Interval: compound Poisson sum on the log scale",
    "Intervall: zusammengesetzte Poisson-Summe auf der Log-Skala",
)
PAYBACK = Text(
    "Interval: Poisson cost against the widest band of the cumulated means",
    "Intervall: Poisson-Kosten gegen das breiteste Band der kumulierten Mittelwerte",
)
BOOTSTRAP = Text("Interval: Bayesian bootstrap (Rubin 1981)", "Intervall: bayesscher Bootstrap (Rubin 1981)")
STUDENT = Text("Interval: Student's t", "Intervall: Students t")
WELCH = Text(
    "Difference of two means in a randomized trial; interval: Welch",
    "Differenz zweier Mittelwerte in einem randomisierten Versuch; Intervall: Welch",
)
NPS = Text(
    "Reichheld 2003; interval: Rocks 2016, adjusted Wald", "Reichheld 2003; Intervall: Rocks 2016, angepasstes Wald"
)
NPS_WEIGHTED = Text(
    "Reichheld 2003; interval: Rocks 2016 with the effective sample size of Kish 1965",
    "Reichheld 2003; Intervall: Rocks 2016 mit dem effektiven Stichprobenumfang nach Kish 1965",
)
CES = Text("Dixon, Freeman & Toman 2010; interval: Student's t", "Dixon, Freeman & Toman 2010; Intervall: Students t")
CLV = Text(
    "Berger & Nasr 1998, Journal of Interactive Marketing 12 (1)",
    "Berger & Nasr 1998, Journal of Interactive Marketing 12 (1)",
)
RESPONSE = Text(
    "AAPOR, Standard Definitions; interval: Agresti & Coull 1998",
    "AAPOR, Standard Definitions; Intervall: Agresti & Coull 1998",
)
