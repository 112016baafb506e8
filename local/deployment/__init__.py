"""What `azd up` runs on the machine of whoever deploys: hooks of azure.yaml, standard library only."""
