"""The customer potential analysis (Kundenpotenzialanalyse) in its six steps: collect, analyse, segment, assess, prioritise, implement."""
