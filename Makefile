# The front door of the course: thin targets. The work is done in tools/.

targets = help learn play next check hint solution reset progress run talk demo lesson swap test grade \
          offline-check doctor bench generate check-all slides clean
ids = $(filter-out $(targets),$(MAKECMDGOALS))
do = @tools/setup.sh learn && tools/learn.py

.PHONY: $(targets) $(ids)
.NOTPARALLEL:

help: ; @sed -n 's/^## //p' Makefile

## make learn              start here: sets up, builds, and says where you stand
learn: ; $(do) learn

## make 01-1               builds exercise 01-1 with your files, and tests it
$(ids): ; $(do) check '$@'
check: ; $(do) check '$(E)'

## make play               a chat on Nara, in two halves of your terminal
play: ; @tools/setup.sh learn && tools/play.py

## make next               says what comes next, and puts its files into work/
next: ; $(do) next

## make hint E=01-1        shows a hint; once more, and it shows the next
hint: ; $(do) hint '$(E)'

## make solution E=01-1    shows the answer once yours passes; before, with FORCE=1
solution: ; $(do) solution '$(E)' $(if $(filter-out 0 no,$(FORCE)),--force)

## make reset E=01-1       gives you the exercise anew, and keeps yours in work/backup/
reset: ; $(do) reset '$(E)'

## make progress           lists all exercises, and how far you are
progress: ; $(do) progress

## make run E=01-1         starts the program of an exercise; Ctrl-C ends it
run: ; $(do) run '$(E)'

## make talk A=host:7001   talks with a server, where there is no nc
talk: ; @tools/talk.py '$(A)'

## make demo D=01-lazy     starts a demo of a lesson
demo: ; $(do) demo '$(D)'

## make lesson N=01        runs a lesson's own tests
lesson: ; $(do) lesson '$(N)'

## make swap LAYERS="01"   runs all tests on the library with layers of yours in it
swap: ; $(do) swap '$(LAYERS)'

## make test               runs all tests of the library and the solutions
test: ; $(do) test

## make grade              tests all that is in work/, and writes a report; LESSON=01 for one lesson
grade: ; @tools/setup.sh learn && tools/grade.py --lesson '$(LESSON)' --work '$(WORK)'

## make doctor             reports on tools and limits of this machine
doctor: ; @tools/setup.sh doctor

## make offline-check      proves that nothing but set-up needs a network
offline-check: ; @tools/setup.sh learn && tools/offline.py

## make bench              measures what the library costs, beside Tokio and others; ROW=yield: just that
bench: ; @tools/setup.sh bench && runtime/bench/bench.py '$(ROW)'

## make generate           writes starters, code in texts, and tables anew
generate: ; @tools/setup.sh learn && tools/generate.py

## make check-all          everything that has to hold before a change goes in
check-all: ; @tools/setup.sh check && tools/check.py

## make slides             makes the slides in build/slides/
slides: ; @tools/setup.sh check && tools/generate.py slides

## make clean              removes everything that was built
clean: ; @rm -rf build
