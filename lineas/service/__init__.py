"""What pages, servers and the command line talk to: training jobs, answers, the loaded model."""
